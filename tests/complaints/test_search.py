"""What grep finds in the texts of a complaint, search finds; and only for those who may see it."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.channels.conftest import found_a_centre
from tests.complaints.conftest import Centre, staff_a_project

from shouwen.clocks.rebuild import rebuild
from shouwen.complaints import grams, lifecycle, listing, search
from shouwen.complaints.listing import Asked
from shouwen.complaints.models import Category, Complaint, SearchText
from shouwen.organization.models import Home, Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.records import attachments
from shouwen.records.erasure import erase

DATA = Path(__file__).parents[3] / "shared" / "data"
READ = {
    "citizen-messages": ("id", ("subject", "content", "reply")),
    "nyc-311": (
        "Unique Key",
        (
            *("Complaint Type", "Descriptor", "Location Type", "Incident Address", "City"),
            *("Intersection Street 1", "Intersection Street 2", "Resolution Description"),
        ),
    ),
}


def finds(person: Staff, words: str) -> set[int]:
    """The complaints that somebody finds by these words."""
    return set(
        search.restrict(visible_to(person, Complaint), person, words).values_list("pk", flat=True)
    )


# -- what grep finds


@pytest.mark.skipif(
    not DATA.is_dir(), reason="the real records (../shared/data) are not beside this checkout"
)
@pytest.mark.parametrize("name", READ)
def test_fifty_words_of_a_real_file_are_found_where_grep_finds_them(
    db: None, tmp_path: Path, name: str
) -> None:
    archive = found_a_centre(tmp_path)
    archive.bring(DATA / f"{name}.csv", name)
    number, columns = READ[name]
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        texts = {
            row[number]: "\n".join(row[each] for each in columns) for row in csv.DictReader(file)
        }
    known = {
        pk: external_id.partition(":")[2]
        for pk, external_id in Complaint.objects.order_by("external_id").values_list(
            "pk", "external_id"
        )
    }
    texts = {key: texts[key] for key in known.values()}
    labels = {row.pk: _labels(row.category) for row in _with_category()}
    chance = random.Random(20_041_115)
    person = archive.staff["front_desk"]
    for word in _words(chance, list(texts.values()), 50):
        grep = {key for key, text in texts.items() if word in text}
        found = finds(person, word)
        assert grep <= {known[pk] for pk in found}, word
        folded = grams.fold(word)
        for pk in found:
            if known[pk] not in grep:
                everything = SearchText.objects.get(pk=pk).text
                for part in folded.split():
                    assert part in everything or part in labels[pk], word


def _with_category() -> Iterator[Complaint]:
    yield from Complaint.objects.select_related("category__parent")


def _labels(category: Category | None) -> str:
    found = ""
    for language in Staff.Language.values:
        with translation.override(language):
            found += grams.fold(f"{category}\n")
    return found


def _words(chance: random.Random, texts: list[str], count: int) -> list[str]:
    """So many pieces without spaces, of one to eight characters, each from a text of its own."""
    found: list[str] = []
    while len(found) < count:
        word = chance.choice(chance.choice(texts).split() or [""])
        start = chance.randrange(max(len(word), 1))
        if piece := word[start : start + chance.randint(1, 8)]:
            found.append(piece)
    return found


TEXTS = st.text(
    st.one_of(
        st.sampled_from("电梯電梯栋單元３栋1单元802 ，。%_\\'\"&|!:*()①ß\n-ABcdé"),
        st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    ),
    min_size=1,
    max_size=30,
)


class AnyText(TestCase):
    """The index loses nothing: whatever part of a text is asked for, its pieces answer."""

    @settings(max_examples=150, deadline=None)
    @given(text=TEXTS, data=st.data())
    def test_every_part_of_a_text_is_found_by_its_pieces(
        self, text: str, data: st.DataObject
    ) -> None:
        start = data.draw(st.integers(0, len(text) - 1))
        part = text[start : data.draw(st.integers(start + 1, len(text)))]
        folded = grams.fold(text)
        for word in grams.fold(part).split():
            assert word in folded
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery",
                    [list(grams.pieces(folded)), grams.query(word)],
                )
                assert cursor.fetchone() == (True,)


def test_every_part_of_every_text_of_a_complaint_finds_it(centre: Centre) -> None:
    home = Home.objects.get()
    complaint = centre.receive(
        content="3栋1单元802，電梯異響！50%_off \\ 'quoted'，ＡＢＣ物业。",
        wish="请尽快修复 A802 门口灯",
        place="B1 地下车库",
        happened="昨晚 9:30",
        home=home.pk,
        category="lift",
    )
    centre.take("front_desk", "note", text="已电话告知维保单位 Kone-3000S")
    centre.take("front_desk", "amend", place="3栋 2 单元大堂")
    _attach(centre, "轿厢照片 IMG_0042.txt")
    texts = [
        *("3栋1单元802，電梯異響！50%_off \\ 'quoted'，ＡＢＣ物业。", "请尽快修复 A802 门口灯"),
        *("B1 地下车库", "昨晚 9:30", "已电话告知维保单位 Kone-3000S", "3栋 2 单元大堂"),
        *("轿厢照片 IMG_0042.txt", complaint.number, home.label, "电梯", "設施維護"),
    ]
    centre.receive(content="别的事。", category="parking")
    person = centre.person("centre_head")
    chance = random.Random(4)
    for text in texts:
        parts = {text}
        for _each in range(12):
            start = chance.randrange(len(text))
            parts.add(text[start : start + chance.randint(1, 6)])
        for part in parts:
            assert not part.strip() or complaint.pk in finds(person, part), part


def _attach(centre: Centre, name: str) -> None:
    assert centre.complaint is not None
    stored = attachments.store(
        subject_type="complaint",
        subject_id=centre.complaint.pk,
        project_id=centre.project.pk,
        upload=ContentFile("轿厢".encode()),
        name=name,
        actor_id=centre.staff["front_desk"].pk,
    )
    told = {"attachment": stored.pk, "name": stored.name, "sha256": stored.sha256}
    person = centre.person("front_desk")
    lifecycle.take(
        "attach", person=person, complaint=centre.complaint, data=told, now=timezone.now()
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("电梯异响", True),
        ("電梯異響", True),
        ("异响 电梯 LIFT-3", True),
        ("ｌｉｆｔ", True),
        ("电梯 漏水", False),
        ("梯异", True),
        ("异电", False),
        ("   ", True),
        ("%", False),
        ("_", False),
        ("电%响", False),
        ("没", False),
        ("'", False),
    ],
)
def test_all_words_must_be_there_whatever_their_form(
    centre: Centre, asked: str, found: bool
) -> None:
    complaint = centre.receive(content="电梯異响，编号 Lift-3。", category="other")
    assert (complaint.pk in finds(centre.person("front_desk"), asked)) is found


def test_a_number_is_found_whole_and_by_its_end(centre: Centre) -> None:
    complaint = centre.receive()
    head, day, serial = complaint.number.split("-")
    for asked in (complaint.number, complaint.number.lower(), f"{day[4:]}-{serial}", serial):
        assert complaint.pk in finds(centre.person("front_desk"), asked), asked
    assert finds(centre.person("front_desk"), f"{head}-{day}-999") == set()


def test_the_name_of_its_category_finds_a_complaint_in_every_language_and_when_renamed(
    centre: Centre,
) -> None:
    complaint = centre.receive(content="异响。", category="lift")
    person = centre.person("front_desk")
    for asked in ("电梯", "設施", "lift"):
        assert finds(person, asked) == {complaint.pk}, asked
    Category.objects.filter(code="lift").update(name="升降机", renamed=True)
    assert finds(person, "升降机 异响") == {complaint.pk}
    centre.take("front_desk", "assess", facts="是停车的事。", category="parking")
    assert finds(person, "升降机") == set()
    assert finds(person, "停车") == {complaint.pk}


# -- who finds what


def test_a_telephone_number_is_found_whole_and_by_its_last_four(centre: Centre) -> None:
    complaint = centre.receive(telephone="138 0000 1001")
    other = centre.receive(telephone="13900002002", content="门牌 1001 的灯不亮。")
    for asked in ("13800001001", "+86 138-0000-1001", "138 0000 1001"):
        for word in ("front_desk", "company_leader", "site_manager"):
            assert finds(centre.person(word), asked) == {complaint.pk}
    assert finds(centre.person("front_desk"), "1001") == {complaint.pk, other.pk}
    assert finds(centre.person("front_desk"), "0000") == set()
    assert finds(centre.person("human_resources"), "13800001001") == set()


def test_no_telephone_is_found_where_one_has_no_business_with_customers(centre: Centre) -> None:
    complaint = centre.receive(telephone="13800001001", needs_developer=True)
    developer = centre.person("developer_service")
    assert visible_to(developer, Complaint).filter(pk=complaint.pk).exists()
    assert finds(developer, "13800001001") == finds(developer, "1001") == set()


def test_a_confidential_source_is_found_by_those_who_may_know_it(centre: Centre) -> None:
    home = Home.objects.get()
    complaint = centre.receive(telephone="13800001001", confidential=True, home=home.pk)
    centre.take("front_desk", "dispatch", department="jx-engineering")
    member, desk = centre.person("engineering_member"), centre.person("front_desk")
    assert finds(member, "楼道灯") == finds(desk, "楼道灯") == {complaint.pk}
    assert finds(member, "13800001001") == finds(member, "1001") == set()
    assert finds(desk, "13800001001") == {complaint.pk}
    assert finds(member, home.label) == set()
    asked = Asked(chosen={"home": (str(home.pk),)})
    assert listing.find(member, asked).rows == []
    assert [row.pk for row in listing.find(desk, asked).rows] == [complaint.pk]


def test_neither_the_person_complained_about_nor_another_project_finds_it(centre: Centre) -> None:
    complaint = centre.receive("second_clerk", about=centre.staff["front_desk"].pk)
    other = Project.objects.create(company=centre.project.company, code="YH", name="别处")
    strangers = staff_a_project(other, prefix="yh")
    for asked in ("楼道灯", complaint.number):
        assert finds(centre.person("second_clerk"), asked) == {complaint.pk}
        assert finds(centre.person("front_desk"), asked) == set()
        assert finds(strangers["front_desk"], asked) == set()


# -- addresses


def test_a_telephone_number_stands_sealed_in_an_address() -> None:
    for said in (
        "13800001001",
        "+86 138 0000 1001",
        "0755-26000001 漏水",
        "１３８００００１００１",
    ):
        query = Asked(words=said).query()
        assert search.is_personal(said)
        assert "1001" not in query and "26000001" not in query
        assert listing.asked(parse_qs(query)).words == said
    for said in ("电梯", "3栋1单元802", "1001", "JX-20261123-014", "jx-20261123-014 电梯"):
        assert not search.is_personal(said), said
        assert listing.asked(parse_qs(Asked(words=said).query())).words == said
    assert search.unseal("altered") is None
    assert search.unseal("é") is None
    assert listing.asked({"s": ["altered"], "q": ["电梯"]}).words == "电梯"


# -- what is kept


@pytest.mark.parametrize("names", [{"content", "subject"}, None])
def test_erased_words_are_found_no_more(centre: Centre, names: set[str] | None) -> None:
    complaint = centre.receive(content="业主说的原话，很长的一句。", wish="尽快修好")
    centre.take("front_desk", "note", text="内部备注一条")
    person = centre.person("centre_head")
    assert finds(person, "原话") == finds(person, "内部备注") == {complaint.pk}
    erase("complaint", complaint.pk, names, actor_id=None, reason="本人申请删除原话")
    assert finds(person, "原话") == set()
    kept = SearchText.objects.get(pk=complaint.pk)
    assert "原话" not in kept.text and "原话" not in str(kept.grams)
    assert finds(person, "内部备注") == (set() if names is None else {complaint.pk})
    assert finds(person, complaint.number) == {complaint.pk}
    assert not list(rebuild(write=False))


def test_the_rebuild_mends_what_a_complaint_is_found_by(centre: Centre) -> None:
    complaint = centre.receive(content="楼道灯不亮")
    centre.take("front_desk", "note", text="已派人去看")
    text = SearchText.objects.get(pk=complaint.pk).text
    SearchText.objects.filter(pk=complaint.pk).delete()
    assert [each.what for each in rebuild(write=True)] == [("search",)]
    assert SearchText.objects.get(pk=complaint.pk).text == text
    assert finds(centre.person("front_desk"), "派人") == {complaint.pk}
    SearchText.objects.filter(pk=complaint.pk).update(grams="")
    assert [each.what for each in rebuild(write=True)] == [("search",)]
    assert not list(rebuild(write=False))
