"""Search within one replay: slides, captions, chat and questions, as far as the person who searches may see them."""
