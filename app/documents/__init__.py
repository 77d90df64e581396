"""Documents: what is shown beside the picture, page by page."""
