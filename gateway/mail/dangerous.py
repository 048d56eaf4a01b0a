"""Attached files that do something when they are opened, and the name under which they do nothing (A16, A22). Pure.

Judged by name, type and first octets; nothing is unpacked, and an archive goes as it is. The name gets an ending that
no system opens; whoever wants the file takes it off.
"""

from dataclasses import replace

from gateway.mail.files import MAX_NAME, extension_of
from gateway.mail.values import AttachedFile

SUFFIX = ".unsafe"

_PROGRAMS = (
    "ade adp app appimage application appref-ms appx appxbundle apk apkm bash bat bin-installer btm cmd com "
    "command cpl deb diagcab dll dmg elf exe gadget hta img inf ins ipa iso isp jar jnlp js jse ksh lib "
    "library-ms lnk mde msc msh msh1 msh2 mshxml msi msix msixbundle msp mst ocx osd out pif pkg pl ps1 ps1xml "
    "ps2 ps2xml psc1 psc2 psd1 psdm1 psm1 py pyc pyo pyw pyz pyzw rb reg rpm run scf scpt scr sct search-ms "
    "settingcontent-ms sh shb shs sys terminal theme themepack url vb vbe vbp vbs vhd vhdx vmdk vxd website "
    "webloc workflow ws wsc wsf wsh xbap xll xnk zsh desktop"
)
_PAGES = "htm html shtml xht xhtml mht mhtml svg svgz chm hlp htc xsl xslt swf wasm"  # scripts in them run
_MACROS = "docm dotm xlsm xltm xlam xlsb xla xlt xlm pptm potm ppam ppsm sldm ppa wll onepkg one mam maf accde slk iqy"
_EXTENSIONS = frozenset(f".{name}" for name in f"{_PROGRAMS} {_PAGES} {_MACROS}".split())
_TYPES = (
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/x-msdownload",
    "application/x-msdos-program",
    "application/x-dosexec",
    "application/vnd.microsoft.portable-executable",
    "application/x-executable",
    "application/x-sh",
    "application/x-shellscript",
    "application/x-bat",
    "application/hta",
    "application/java-archive",
    "application/x-ms-shortcut",
    "application/x-ms-installer",
    "application/vnd.android.package-archive",
    "application/x-iso9660-image",
    "application/x-apple-diskimage",
)
_PROGRAM_STARTS = (b"MZ", b"\x7fELF", b"#!/", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"L\0\0\0\x01\x14\x02\0")
_OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an Office document of before 2007
_OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")  # the entry of its directory under which macros are


def made_harmless(file: AttachedFile) -> AttachedFile:
    """The file itself, or one of the same content whose name and type let nothing run it."""
    if not _is_dangerous(file):
        return file
    return replace(file, name=file.name[: MAX_NAME - len(SUFFIX)] + SUFFIX, type="application/octet-stream")


def is_renamed(name: str) -> bool:
    """Whether a file was given this name by `made_harmless`."""
    return name.endswith(SUFFIX)


def _is_dangerous(file: AttachedFile) -> bool:
    if is_renamed(file.name):
        return False
    if extension_of(file.name).lower() in _EXTENSIONS or file.type.lower() in _TYPES:
        return True
    if file.content.startswith(_PROGRAM_STARTS):
        return True
    return file.content.startswith(_OLE_START) and _OLE_MACROS in file.content
