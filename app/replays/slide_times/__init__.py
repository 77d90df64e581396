"""The moments at which the pages of a replay appear, set after the lesson.

Whoever brings a video with its slides has told nobody when which page was shown. The times are written as text, a line
for each page (`text`), and the events of the stage follow them, so that all that shows pages needs nothing special.
"""
