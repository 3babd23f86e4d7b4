"""For data that is too large, or a machine too small: what notebook 06 imports."""
