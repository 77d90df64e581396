"""The kernel: the parts that every room needs and that know no room."""
