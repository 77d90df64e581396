"""收藏 and 提醒我: what a person has marked a lesson with, for herself alone."""
