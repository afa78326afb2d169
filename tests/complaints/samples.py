"""What each step may be told, and a lawful random walk through the step table."""

from __future__ import annotations

import datetime
import random
from typing import Any

from tests.complaints.conftest import Centre

from shouwen.complaints import incidents, lifecycle
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.roles import departments_of
from shouwen.complaints.state import State, fold
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position
from shouwen.records import ledger
from shouwen.records.models import Attachment


def told(name: str, centre: Centre, person: Staff, state: State) -> dict[str, Any]:
    """Data with which a step is accepted where it may be taken at all."""
    mine = departments_of(person)
    own = next(
        (
            part.department
            for part in state.at_work
            if part.department in mine
            and not (name in ("accept", "decline") and part.status != "dispatched")
            and not (name == "keep_appointment" and not part.appointment)
            and not (name == "complete" and _waits(state, part.department))
        ),
        "jx-engineering",
    )
    later = (centre.now + datetime.timedelta(hours=5)).isoformat()
    recallable = next(
        (p.department for p in state.parts.values() if p.status not in ("recalled", "completed")),
        "jx-engineering",
    )
    working = state.at_work[0].department if state.at_work else "jx-engineering"
    other = Complaint.objects.exclude(pk=centre.complaint.pk if centre.complaint else None)
    data: dict[str, dict[str, Any]] = {
        "receive": {"content": "楼道灯不亮。"},
        "assess": {"facts": "已核实。"},
        "confirm": {"agreed": "yes"},
        "dispatch": {"department": "jx-engineering", "due_at": later},
        "name_lead": {"department": "jx-order", "due_at": later},
        "recall": {"department": recallable, "reason": "不必再办。"},
        "extend": {"department": working, "due_at": later},
        "name_manager": {"manager": centre.staff["site_manager"].pk},
        "explain": {"explanation": "已解释。", "accepted": "no", "department": "jx-order"},
        "accept": {"department": own},
        "decline": {"department": own, "reason": "不归我部门。"},
        "assign": {"department": own, "member": person.pk},
        "appoint": {"department": own, "at": later},
        "keep_appointment": {"department": own, "outcome": "kept"},
        "investigate": {
            "department": own,
            "findings": "查过。",
            "cause": "老化。",
            "responsible": "company",
        },
        "propose": {"department": own, "solution": "更换。", "cost": 5000},
        "refuse": {"comment": "太贵。"},
        "report_delay": {"department": own, "reason": "等配件。", "new_due_at": later},
        "complete": {"department": own, "result": "已换。"},
        "verify": {"how": "看过。"},
        "verify_jointly": {"how": "看过。", "developer_by": "客服部", "company_by": "前台"},
        "fail_verification": {"reason": "仍不亮。"},
        "visit": {"outcome": "solved"},
        "attempt_visit": {"result": "no_answer"},
        "inform_first_contact": {"told": "已修好。"},
        "mediate": {"outcome": "agreed", "account": "谈过。"},
        "reopen": {"reason": "又坏了。"},
        "withdraw": {"reason": "客户不再追究。"},
        "hold": {"reason": "业主已起诉。"},
        "release": {"reason": "已调解结案。"},
        "merge": {"into": other.order_by("pk").values_list("number", flat=True).first() or ""},
        "register_hotline": {"order": "12345-1", "due_at": later},
        "answer_hotline": {"reply": "已办。"},
        "alert": {"departments": ["jx-engineering"], "site_manager": True},
        "escalate_to_company": {"spoke_to": "公司主管领导", "reason": "需停梯。"},
        "escalate_to_board": {"spoke_to": "董事领导", "reason": "需厂家。"},
        "control": {"measures": "人已救出。"},
        "decide": {"decision": "更换主机。"},
        "file_report": {
            "level": "company" if Position.SITE_MANAGER in _positions(person) else "board",
            "facts": "经过。",
            "measures": "措施。",
        },
        "inform_customer": {"told": "正在处理。", "next_update_at": later},
        "ask_customer": {"question": "灯在几楼？"},
        "customer_add": {"words": "三楼也不亮。"},
        "customer_attach": _stored_file(centre, name),
        "customer_answer": {"words": "三楼。"},
        "customer_dispute": {"words": "还是不亮。"},
        "customer_reopen": {"reason": "又坏了。"},
        "customer_rate": {"satisfaction": "4"},
        "refer": {"to": "街道办事处", "reason": "属市政范围。"},
        "transfer": {
            "what": "first_contact",
            "to": centre.staff["second_clerk"].pk,
            "reason": "换班。",
        },
        "split": {"content": "还有一件事。"},
        "note": {"text": "客户很着急。"},
        "retract": {"entry": max(_own_notes(person, state, centre.now), default=0)},
        "attach": _stored_file(centre, name),
        "amend": {"place": "一楼大堂"},
        "join_incident": {"incident": _open_incident(centre, name, state)},
    }
    return data.get(name, {})


def _own_notes(person: Staff, state: State, now: datetime.datetime) -> list[int]:
    recent = now - datetime.timedelta(minutes=9)
    return [
        number
        for number, note in state.notes.items()
        if note.author_id == person.pk and note.recorded_at > recent
    ]


def _stored_file(centre: Centre, name: str) -> dict[str, Any]:
    if name not in ("attach", "customer_attach") or centre.complaint is None:
        return {}
    stored = Attachment.objects.create(
        subject_type="complaint",
        subject_id=centre.complaint.pk,
        project_id=centre.project.pk,
        name="现场.jpg",
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        extension="jpg",
        stored_at=centre.now,
    )
    return {"attachment": str(stored.pk), "name": stored.name, "sha256": stored.sha256}


def _open_incident(centre: Centre, name: str, state: State) -> int:
    """An open incident that the complaint does not belong to."""
    if name != "join_incident":
        return 0
    others = Incident.objects.filter(project=centre.project, status="open")
    found = others.exclude(pk=state.incident_id).first()
    clerk = Staff.objects.get(pk=centre.staff["front_desk"].pk)
    found = found or incidents.begin(centre.project, person=clerk, title="停电", now=centre.now)
    return found.pk


def _waits(state: State, department: str) -> bool:
    return any(key.startswith(f"{department}/") for key in state.approvals)


def _positions(person: Staff) -> set[str]:
    return {post.position for post in person.posts.all()}


def walk(centre: Centre, rng: random.Random, steps: int) -> list[str]:
    """Take random steps, each by somebody who may; returns their names."""
    taken = []
    people = list(centre.staff.values())
    for _ in range(steps):
        complaint = centre.complaint
        assert complaint is not None
        person = Staff.objects.get(pk=rng.choice(people).pk)
        state = fold(ledger.entries("complaint", complaint.pk))
        centre.wait(minutes=rng.choice([1, 5, 40, 300, 2000]))
        offered = [
            step
            for step in lifecycle.possible(person, complaint, state)
            if step.name not in ("split", "attach", "note")
            and not (step.name == "merge" and Complaint.objects.count() < 2)
        ]
        if not offered:
            continue
        step = rng.choice(offered)
        data = told(step.name, centre, person, state)
        if step.name == "assess":
            data |= {
                "severity": rng.choice(["routine", "complex", "major", "emergency"]),
                "justified": rng.choice(["yes", "no", "unknown"]),
                "needs_developer": rng.choice([True, False]),
            }
        centre.complaint = lifecycle.take(
            step.name, person=person, complaint=complaint, data=data, now=centre.now
        ).complaint
        taken.append(step.name)
    return taken
