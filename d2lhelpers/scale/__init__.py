"""For data and machines that are too small: what notebook 06 imports."""
