"""Stretches that presenters cut out of a recording. Nothing is thrown away: a cut is a row, and removing it undoes it.

A cut is exact to one picture. Segments, about a second each, are left out or stay as they are; only of those through
which the edge of a cut runs is the rest encoded anew (`edges`), in a job. Beside the playlists of the whole recording
(`full/`) the stream's folder then holds those without the cuts (`cut/`). Players,
downloads and courseware use them as soon as they are there. Segments keep their moments of capture, so slides, chat,
chapters, captions, notes and links stay where they belong. The learning hours count by moments of capture too, and a
cut takes none away.

Learners' voices cannot be left out by themselves. Everybody on the stage is mixed into the one sound that the studio
sends, so silencing a learner would silence the teacher as well. Presenters can cut out the stretches in which learners
had the floor (`spoken`).
"""
