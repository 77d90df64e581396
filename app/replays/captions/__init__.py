"""Captions of a recording in several languages: uploaded, edited beside the player, saved as VTT and SRT."""
