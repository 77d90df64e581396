"""SCORM manifests, 1.2 and 2004 4th edition: one SCO, whose chapters are the player's own.

Sources: SCORM 1.2 CAM 2.3, SCORM 2004 4th Ed. CAM 3. What LMSs make of them beyond that:
- Prefixes are the literal ones, and the packaging namespace has none: some parsers know prefixes only.
- The SCO's resource stands first, and lists every file: some take the first resource for the start page.
- No mastery score, no completion threshold: LMSs overwrite the status by them. The player decides.
- No schemaLocation: the schemas are not in the package, and no option puts them there. IMS asks those who hand its
  schemas on to register with it; an installation of ours has not. The common LMSs read none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from app.courseware.course import Course

V12 = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier={id} version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2" \
xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>1.2</schemaversion>
  </metadata>
  <organizations default="organization">
    <organization identifier="organization">
      <title>{title}</title>
      <item identifier="lesson" identifierref="player" isvisible="true">
        <title>{title}</title>
      </item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="player" type="webcontent" adlcp:scormtype="sco" href="index.html">
{files}
    </resource>
  </resources>
</manifest>
"""
V2004 = """<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier={id} version="1.0" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1" \
xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:adlseq="http://www.adlnet.org/xsd/adlseq_v1p3" \
xmlns:adlnav="http://www.adlnet.org/xsd/adlnav_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss">
  <metadata>
    <schema>ADL SCORM</schema>
    <schemaversion>2004 4th Edition</schemaversion>
  </metadata>
  <organizations default="organization">
    <organization identifier="organization">
      <title>{title}</title>
      <item identifier="lesson" identifierref="player" isvisible="true">
        <title>{title}</title>
        <imsss:sequencing>
          <imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/>
        </imsss:sequencing>
      </item>
      <imsss:sequencing>
        <imsss:controlMode choice="true" flow="true"/>
      </imsss:sequencing>
    </organization>
  </organizations>
  <resources>
    <resource identifier="player" type="webcontent" adlcp:scormType="sco" href="index.html">
{files}
    </resource>
  </resources>
</manifest>
"""


def manifest(template: str, course: Course, names: Iterable[str]) -> str:
    """Write `imsmanifest.xml`.

    Args:
        template: `V12` or `V2004`.
        course: gives the title, and the identifier, which stays the same whenever it is exported.
        names: of all files of the package.
    """
    files = "\n".join(f"      <file href={quoteattr(name)}/>" for name in names)
    return template.format(id=quoteattr(course.id), title=escape(course.title), files=files)
