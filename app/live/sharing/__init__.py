"""Handing a lesson out: invitation, addresses, QR codes, poster, guest link."""
