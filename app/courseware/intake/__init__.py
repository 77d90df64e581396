"""导入录制: recordings that were made elsewhere become replays.

A recording comes as a video, with or without its slides, as an archive of another installation, or as a presentation
recording of BigBlueButton. It is uploaded in pieces that survive a broken line (`routes`, tus), waits in a folder of
its own (`files`), and one job after another makes an archive of it (`jobs`), which the door of all archives judges and
takes in. Only programs with limits open a stranger's file: `opening` for zips, ffmpeg for pictures and sound (`film`),
and those of the documents' converter for slides. Nothing of it is seen before all of it is there.
"""
