"""Addresses in what people type become links: all of the address, and nothing of the sentence around it."""

from __future__ import annotations

import re

import pytest

from app.kernel.markdown import as_html, as_lines

SENTENCES = {
    "讲义在[https://x.cn/doc.pdf]，请大家下载",
    "请看 [https://x.cn/doc.pdf]。谢谢",
    "（见[https://x.cn/a]（1）.pdf）",
    "《[https://x.cn/a]》“[https://x.cn/b]”【[https://x.cn/c]】「[https://x.cn/d]」",
    "[https://x.cn/a]、[https://x.cn/b]；[https://x.cn/c]：好！",
    "[https://x.cn/a]请大家下载",
    "[https://x.cn]请大家下载",
    "[https://x.cn]：8000",
    "[https://x.cn:8000/a?b=1&c=2#d]？",
    "[https://x.cn/a]…好～",
    "[https://x.cn/a], [https://x.cn/b]. [https://x.cn/c]! ([https://x.cn/d])",
    "[https://en.wikipedia.org/wiki/A_(b)]（英文）",
    "[https://例子.中国/a]，好",
    "[www.x.cn/a]，好",
    "写信给 [a@x.cn]，谢谢",
    "见readme.md、main.py、run.sh 和 data.zip",
    "讲义在x.cn，第3.2节，v1.com.2",
    "ftp://x.cn //x.cn/a javascript://x.cn/%0aalert(1)",
}


@pytest.mark.parametrize("sentence", sorted(SENTENCES))
@pytest.mark.parametrize("write", [as_lines, as_html])
def test_a_link_ends_where_its_address_does(write, sentence: str) -> None:
    html = str(write(sentence.replace("[", "").replace("]", "")))
    words = re.sub(r"</?p>|\n", "", re.sub(r"<a [^>]*>(.*?)</a>", r"[\1]", html)).replace("&amp;", "&")
    assert words == sentence


def test_a_link_of_emphasised_words_ends_before_the_emphasis() -> None:
    assert ">https://x.cn/a</a></strong>，好" in as_html("**https://x.cn/a** 和 **https://x.cn/a**，好").replace(
        " ", ""
    )


def test_a_chinese_path_is_written_in_brackets() -> None:
    for typed in ("<https://x.cn/讲义，一.pdf>", "[讲义](https://x.cn/讲义，一.pdf)"):
        assert 'href="https://x.cn/%E8%AE%B2%E4%B9%89%EF%BC%8C%E4%B8%80.pdf"' in as_html(typed)


def test_a_chinese_path_as_browsers_copy_it_is_whole() -> None:
    assert 'href="https://x.cn/%E8%B6%85%E5%AF%BC"' in as_lines("看https://x.cn/%E8%B6%85%E5%AF%BC，好")


def test_www_leads_there_by_http() -> None:
    assert 'href="http://www.x.cn/a"' in as_lines("www.x.cn/a，好")
