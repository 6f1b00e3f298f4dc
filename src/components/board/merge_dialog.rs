//! The merge of a finished task: its commits and files, the obstacles to it, and the button that
//! runs it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tasktree_protocol::TaskId;

pub mod changes;

use super::actions::{BoardActions, use_board_actions};
use crate::api::{self, ApiError, MergeBy, MergePreview, MergeRefusal};
use crate::components::common::number_sign::number_sign;
use crate::i18n::{I18n, use_i18n};
use crate::ui::{
    Button, ButtonLook, Dialog, Handler, IconName, Level, MenuItem, Skeleton, Toast, announce,
};
use changes::{Changes, Refused};

/// Shows the merge of the task that [`BoardView::merging`](super::view::BoardView) names.
#[component]
pub fn MergeDialog() -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let merging = actions.view.merging;
    let open = RwSignal::new(false);
    // Each signal follows the other, and only if they differ: writing an equal value notifies too.
    Effect::new(move |_| {
        let wanted = merging.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && merging.with_untracked(Option::is_some) {
            merging.set(None);
        }
    });
    let number = Memo::new(move |_| {
        let card = merging.with(|task| actions.card(task.as_ref()?));
        card.map_or(0, |card| card.number)
    });
    let title = move || i18n.t(|s| (s.merge.title)(&number_sign(number.get())));
    let close_label = move || i18n.t(|s| s.common.close);
    view! {
        <Dialog open title close_label>
            {merging.get_untracked().map(|task| view! { <MergeForm open task/> })}
        </Dialog>
    }
}

/// State of reading the merge.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Reading,
    Preview(MergePreview),
    /// Even the preview could not be read.
    Refused(MergeRefusal),
}

#[component]
fn MergeForm(open: RwSignal<bool>, task: TaskId) -> impl IntoView {
    let i18n = use_i18n();
    let actions = use_board_actions();
    let known = RwSignal::new(Known::Reading);
    let is_busy = RwSignal::new(false);
    let task = StoredValue::new(task);
    read(actions, task, known);
    let run = move |by: MergeBy| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        spawn_local(async move {
            let outcome = merge(actions, task.get_value(), by).await;
            is_busy.try_set(false);
            match outcome {
                Ok(()) => {
                    open.try_set(false);
                }
                // The preview may be outdated by now.
                Err(error) => {
                    known.try_set(Known::Refused(refusal(i18n, error)));
                }
            }
        });
    };
    let refused = Memo::new(move |_| match known.get() {
        Known::Reading => None,
        Known::Preview(preview) => preview.refusal,
        Known::Refused(refusal) => Some(refusal),
    });
    let can_merge =
        move || matches!(known.get(), Known::Preview(_)) && refused.with(Option::is_none);
    let container = move || {
        let refusal = refused
            .get()
            .filter(|refusal| refusal.code == "already_merged");
        refusal.and_then(|refusal| refusal.commit)
    };
    view! {
        {move || match known.get() {
            Known::Reading => view! {
                <div aria-busy="true" aria-label=i18n.t(|s| s.merge.loading)><Skeleton lines=5 /></div>
            }
            .into_any(),
            Known::Preview(preview) => view! { <Changes preview/> }.into_any(),
            Known::Refused(_) => ().into_any(),
        }}
        {move || refused.get().map(|refusal| view! { <Refused refusal/> })}
        <footer class="dialog-foot">
            <Button label=move || i18n.t(|s| s.common.cancel) on_click=move |_| open.set(false)/>
            {move || refused.with(Option::is_some).then(|| view! {
                <Button
                    disabled=is_busy
                    label=move || i18n.t(|s| s.merge.by_hand)
                    on_click=move |_| run(MergeBy::Hand)
                />
            })}
            {move || match container() {
                Some(commit) => view! {
                    <Button
                        look=ButtonLook::Primary
                        disabled=is_busy
                        label=move || i18n.t(|s| (s.merge.contained)(short(&commit)))
                        on_click=move |_| run(MergeBy::Containment)
                    />
                }
                .into_any(),
                None => view! {
                    <Button
                        look=ButtonLook::Primary
                        disabled=Signal::derive(move || is_busy.get() || !can_merge())
                        label=move || i18n.t(|s| s.merge.submit)
                        on_click=move |_| run(MergeBy::Git)
                    />
                }
                .into_any(),
            }}
        </footer>
    }
}

/// Reads a preview of the merge.
fn read(actions: BoardActions, task: StoredValue<TaskId>, known: RwSignal<Known>) {
    let project = actions.board.project();
    spawn_local(async move {
        let Some(task) = task.try_get_value() else {
            return;
        };
        let found = match api::preview_merge(&project, &task).await {
            Ok(preview) => Known::Preview(preview),
            Err(error) => Known::Refused(refusal(actions.i18n, error)),
        };
        known.try_set(found);
    });
}

/// Merges, and reports the result.
async fn merge(actions: BoardActions, task: TaskId, by: MergeBy) -> Result<(), ApiError> {
    let number = actions.card(&task).map_or(0, |card| card.number);
    api::merge_task(&actions.board.project(), &task, by).await?;
    actions.say_merged(number, by == MergeBy::Hand);
    Ok(())
}

impl BoardActions {
    /// Returns the item of a card's menu that shows its merge.
    pub(super) fn merge_item(&self, task: &TaskId) -> MenuItem {
        let (merging, task) = (self.view.merging, task.clone());
        MenuItem {
            label: untrack(|| self.i18n.t(|s| s.merge.open)).to_owned(),
            icon: Some(IconName::Merge),
            begins_group: true,
            on_select: Handler::new(move || merging.set(Some(task.clone()))),
            ..MenuItem::default()
        }
    }

    /// Shows a toast that a task was merged by git, or marked as merged by hand.
    fn say_merged(&self, number: u64, by_hand: bool) {
        let task = number_sign(number);
        let text = untrack(|| {
            self.i18n.t(|s| {
                if by_hand {
                    s.merge.marked
                } else {
                    s.merge.done
                }
            })(&task)
        });
        announce(&text);
        self.toasts.push(Toast::new(Level::Success, text));
    }
}

/// Returns an error in the form in which the dialog shows a refusal.
fn refusal(i18n: I18n, error: ApiError) -> MergeRefusal {
    let code = match &error {
        ApiError::Rejected { code, .. } => code.clone().unwrap_or_default(),
        ApiError::Offline | ApiError::Decode(_) => String::new(),
    };
    MergeRefusal {
        code,
        message: match &error {
            ApiError::Rejected { message, .. } => message.clone(),
            ApiError::Offline | ApiError::Decode(_) => untrack(|| i18n.error(&error)),
        },
        files: Vec::new(),
        files_total: 0,
        commit: None,
    }
}

/// Returns the first ten digits of a commit's name.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
