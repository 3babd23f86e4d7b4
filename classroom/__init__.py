"""What a class needs and no notebook imports: to be run from the checkout."""
