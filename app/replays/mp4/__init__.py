"""Downloads: one MP4 of a whole recording. Knows no database.

The full playlist falls into parts at its discontinuities: a pause, a new encoder, a restart. The parts are joined
without the gaps; what can be copied is not encoded again. Parts differ in ways that an MP4 track does not allow, so
`planning` decides on one shape, ffmpeg makes the parts level (`commands`), and `checking` holds every file against the
segments before anybody gets it.
"""

from app.replays.mp4.boxes import Unreadable as Unreadable
from app.replays.mp4.commands import sound_command as sound_command
from app.replays.mp4.making import Incomplete as Incomplete
from app.replays.mp4.making import NothingRecorded as NothingRecorded
from app.replays.mp4.making import Recording as Recording
from app.replays.mp4.parts import Piece as Piece
from app.replays.mp4.parts import Rates as Rates
from app.replays.mp4.parts import bytes_of as bytes_of
from app.replays.mp4.parts import playlists_of as playlists_of
from app.replays.mp4.parts import rates_of as rates_of
