"""录制课件管理: the recordings of those who teach and manage, who may watch them, and how many people did."""
