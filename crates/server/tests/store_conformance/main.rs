//! Requirements for every store, and the files of the SQLite store. A second implementation is one
//! more line at the end.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what went wrong best by failing where it did"
)]

mod agents;
mod attention;
#[path = "../core_support/mod.rs"]
mod core_support;
mod jobs;
mod log;
mod people;
mod questions;
mod rows;
mod sqlite;
mod talk;
mod writes;

/// Runs the whole suite on stores that `$make` creates: an empty one each time.
macro_rules! conformance {
    ($name:ident, $make:expr) => {
        mod $name {
            conformance!(@each $make;
                writes::a_job_that_fails_leaves_nothing_and_takes_no_other_with_it,
                writes::a_job_that_panics_fails_alone,
                writes::many_writers_get_positions_without_a_gap_and_are_published_in_order,
                writes::duplicates_that_race_have_one_effect_and_the_same_answer,
                writes::a_key_is_refused_for_another_request_and_free_again_when_its_answer_has_run_out,
                writes::a_refused_request_may_be_made_again_under_its_key,
                writes::an_answer_is_nobody_elses,
                log::the_events_give_the_rows,
                log::the_newest_events_are_kept_and_older_ones_are_said_to_be_gone,
                log::large_events_drive_out_older_ones_as_they_come,
                log::what_happened_to_a_task_stays_when_the_log_has_gone_past_it,
                log::a_task_that_changes_all_the_time_keeps_the_newest_of_its_history,
                log::changes_are_dropped_by_age_and_by_size_a_few_at_a_time,
                log::a_reset_begins_a_new_epoch_at_0_and_removes_everything,
                log::a_removed_project_leaves_nothing_and_can_be_made_again,
                log::a_page_of_the_log_goes_on_where_the_last_ended,
                rows::a_task_is_read_as_it_was_written,
                rows::numbers_of_leases_are_never_given_again,
                rows::log_lines_and_messages_are_kept_in_a_bounded_number,
                rows::a_revoked_credential_is_kept_for_as_long_as_what_was_removed,
                talk::a_comment_is_read_as_it_was_written_and_is_of_its_task_only,
                rows::a_reading_sees_one_state,
                agents::an_agent_is_read_as_it_was_stored,
                agents::a_run_is_read_as_it_was_stored_and_ends_with_those_below,
                agents::runs_are_bounded_and_subagents_end_by_the_clock,
                agents::an_agent_with_an_open_turn_may_be_silent_for_longer,
                agents::attempts_are_read_as_they_were_stored_and_the_newest_kept,
                questions::a_question_is_read_as_it_was_asked_and_closed,
                questions::an_agent_has_one_open_question,
                questions::answers_are_read_as_they_were_given_and_become,
                questions::the_newest_closed_questions_are_kept_with_their_answers,
                attention::an_item_is_read_as_it_was_stored_until_it_is_removed,
                attention::agents_that_are_due_are_found_once,
                attention::items_of_an_older_database_are_derived_after_the_start,
                people::a_person_is_found_by_name_and_has_it_alone,
                people::a_mark_is_of_one_person_and_project_until_it_is_removed,
            );
        }
    };
    (@each $make:expr; $($module:ident::$test:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                // The folder of the store must outlive it.
                let (store, _place) = $make();
                crate::$module::$test(store).await;
            }
        )*
    };
}

conformance!(sqlite_file, crate::jobs::in_a_file);
conformance!(sqlite_in_memory, crate::jobs::in_memory);
conformance!(sqlite_inline, crate::jobs::inline);
