"""The kernel: what every room needs and what knows no room."""
