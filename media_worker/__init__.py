"""Media worker: takes encoders' streams in, runs ffmpeg, writes segments and playlists.

A program of its own: it imports nothing of the app, never sees the database, and speaks to the app only
through `client.py` in the words of `contract.py`.
"""
