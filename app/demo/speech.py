"""The sound of the generated lecture: syllables, phrases and pauses, but no words.

Each glottal period excites three formants as decaying sines (formant wave functions, Rodet 1984). Every syllable has
its own vowel and stress, from a hash of its number. So the sound is the same each time and never repeats audibly.
"""

from __future__ import annotations

RATE = 16000
"""Samples per second of the synthesis, before resampling."""

SYLLABLES_PER_S = 4.4
PHRASE_S = 5.3
SPOKEN_S = 4.1
"""Length of a phrase, before the speaker takes breath."""

_SYLLABLE = f"floor(t*{SYLLABLES_PER_S})"


def loudness() -> str:
    """Return the expression of t (s) for the loudness, 0 to 1. The picture's level meter uses it as well."""
    swell = f"sin(PI*mod(t*{SYLLABLES_PER_S},1))"
    phrase = f"clip(min(mod(t,{PHRASE_S})*6,({SPOKEN_S}-mod(t,{PHRASE_S}))*3),0,1)"
    return f"({swell}*(0.45+0.55*{_chance(1)})*{phrase})"


def source() -> str:
    """Return the lavfi source of the voice, mono."""
    voice = "+".join(
        (
            "exp(-4.5*ld(0))*sin(2*PI*ld(0)*ld(1)/128)",
            "0.45*exp(-5.5*ld(0))*sin(2*PI*ld(0)*ld(2)/128)",
            "0.12*exp(-7*ld(0))*sin(2*PI*ld(0)*2700/128)",
        )
    )
    steps = (
        # phase within the glottal period, 0 to 1; the pitch wanders around 128 Hz
        "st(0,mod(128*t-7*cos(2*PI*0.29*t)-3*cos(2*PI*0.83*t),1))",
        f"st(1,320+420*{_chance(2)})",  # first formant, Hz: opening of the mouth
        f"st(2,900+1200*{_chance(3)})",  # second formant, Hz: place of the tongue
        f"0.5*{loudness()}*({voice})",
    )
    return f"aevalsrc=exprs='{';'.join(steps)}':s={RATE},highpass=f=90,lowpass=f=4200,aresample=48000"


def _chance(salt: int) -> str:
    """Return an expression with a value of 0 to 1 that depends on the number of the syllable."""
    return f"mod(abs(sin(({_SYLLABLE}+{salt * 17})*12.9898)*43758.5453),1)"
