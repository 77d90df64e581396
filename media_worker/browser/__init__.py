"""The way in for browsers: frames of their encoders, or the output of MediaRecorder, over a websocket.

`docs/ingest.md` describes the protocol.

===================  =========================================================================
`door.py`            admission to the websocket: address, origin, number at once
`line.py`            the websocket by which a browser measures its line before it sends
`connection.py`      one websocket, from hello to bye
`wire.py`            the frames of the websocket, binary and text
`intake.py`          one sender's media, across its connections: chunks in, tags out
`clock.py`           the browser's clock, compared with ours
`frames.py`          our own framing, one record for each frame of an encoder
`webm.py`, `mp4.py`  readers of recorders' files (`container.py` holds their common parts)
`tags.py`            frames as FLV tags, which the pipeline takes
===================  =========================================================================
"""
