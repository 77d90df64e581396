"""Archives: everything that was recorded of a lesson in one zip, which another installation can take in.

    course.json        what it is about, for every reader; `lesson` and `stream` for us
    events.jsonl       the timeline, an event a line
    rows/TABLE.jsonl   what people wrote and asked, documents and their pages, a row a line
    media/             the full playlists and their segments in one folder: it plays from any web server
    documents/ chat/   pictures
    data.json          the same for Paella players
    checksums.sha256   of all files before it

People are `x1`, `x2` … in it: keys of accounts mean nothing elsewhere.
"""
