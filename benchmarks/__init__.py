"""The measurements behind the speeds that the README states."""
