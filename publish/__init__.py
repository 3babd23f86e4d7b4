"""What turns the notebooks into decks, handouts and the book: `make slides`, and so on."""
