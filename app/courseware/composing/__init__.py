"""Slides with their strokes and the pointer, drawn as pictures: beside the video in one MP4, and as the pages of a PDF.

Knows no database. `stage` says what stood there at a moment, `ink` and `drawing` draw it in a program of its own with
limits, `layouts` says where, `commands` are ffmpeg's.
"""
