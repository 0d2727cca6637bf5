"""Every rule that is in force, in the policy's order."""

from __future__ import annotations

from domain.policy import (
    s1_1_systemic,
    s1_2_inspectors,
    s1_3_enterprise,
    s1_leadership,
    s1_responsibility,
    s2_1_frequency,
    s2_1_halt,
    s2_1_panel,
    s2_1_recheck,
    s2_1_rectification,
    s2_2_government_inspections,
    s2_3_pool,
    s2_4_experts,
    s3_1_checks,
    s3_1_enterprise,
    s3_2_penalties,
    s3_2_regulators,
    s3_2_reporting,
    s3_2_systemic,
    s3_2_zero_report,
    s3_3_listing,
    s4_1_admission,
    s4_2_standardisation,
    s4_3_training,
    s4_4_emergency,
    s5_1_inspections,
    s5_2_public,
    s5_2_tips,
    s5_3_system,
    s5_4_assessment,
    s5_assurance,
)
from domain.policy.duty import BreachRule, DutyRule
from domain.policy.gate import Gate

_SECTIONS = (
    s1_1_systemic.SECTION,
    s1_responsibility.SECTION,
    s1_leadership.SECTION,
    s1_2_inspectors.SECTION,
    s1_3_enterprise.SECTION,
    s2_1_frequency.SECTION,
    s2_1_panel.SECTION,
    s2_1_rectification.SECTION,
    s2_1_halt.SECTION,
    s2_1_recheck.SECTION,
    s2_2_government_inspections.SECTION,
    s2_3_pool.SECTION,
    s2_4_experts.SECTION,
    s3_1_checks.SECTION,
    s3_1_enterprise.SECTION,
    s3_2_reporting.SECTION,
    s3_2_zero_report.SECTION,
    s3_2_regulators.SECTION,
    s3_2_systemic.SECTION,
    s3_2_penalties.SECTION,
    s3_3_listing.SECTION,
    s4_1_admission.SECTION,
    s4_2_standardisation.SECTION,
    s4_3_training.SECTION,
    s4_4_emergency.SECTION,
    s5_assurance.SECTION,
    s5_1_inspections.SECTION,
    s5_2_tips.SECTION,
    s5_2_public.SECTION,
    s5_3_system.SECTION,
    s5_4_assessment.SECTION,
)

DUTIES: tuple[DutyRule, ...] = tuple(rule for section in _SECTIONS for rule in section.duties)
"""What the clauses make somebody owe."""

BREACHES: tuple[BreachRule, ...] = tuple(rule for section in _SECTIONS for rule in section.breaches)
"""What the clauses forbid."""

GATES: tuple[Gate, ...] = tuple(gate for section in _SECTIONS for gate in section.gates)
"""What an act with legal effect is asked before it is recorded."""
