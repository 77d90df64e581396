"""The way in for browsers: frames of their encoders, or what MediaRecorder gives, over a websocket.

`docs/ingest.md` describes what is said.

===================  =========================================================================
`door.py`            who is let to the websocket: address, origin, how many at once
`line.py`            where a browser measures its line before it sends
`connection.py`      one websocket, from hello to bye
`wire.py`            its frames as bytes and words
`intake.py`          one sender's media, across its connections: chunks in, tags out
`clock.py`           the browser's clock as seen from here
`frames.py`          our own framing, one record for each frame of an encoder
`webm.py`, `mp4.py`  what recorders write, taken apart (`container.py`: what both have in common)
`tags.py`            frames as FLV tags, which is what the pipeline takes
===================  =========================================================================
"""
