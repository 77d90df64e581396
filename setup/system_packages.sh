#!/bin/sh
# Installs the tests' packages of the system: browsers, other people's RTMP clients and servers, PostgreSQL, fonts.
# It needs root, or sudo without a password; otherwise it prints the exact command to type. `make run` needs none of these.
set -eu

packages="
    chromium firefox-esr pulseaudio webkit2gtk-driver xvfb xauth dbus dbus-daemon
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav
    rtmpdump nginx libnginx-mod-rtmp postgresql redis-server coturn dovecot-imapd fonts-noto-cjk
    libreoffice-impress libreoffice-writer libreoffice-math fonts-symbola
"

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "The tests know Debian and Ubuntu only. Elsewhere install the like of:" $packages >&2
    exit 1
fi

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    sudo=""
elif sudo -n true 2>/dev/null; then
    sudo="sudo"
else
    echo "The tests need packages that only an administrator can install:" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing for the tests:$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086  # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
