//! Events of the system stream about projects that the principal may not see.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tasktree_protocol::event::HIDDEN;
use tasktree_protocol::{Epoch, ProjectId, Timestamp};

use super::Encoded;

/// Fields of an event that decide if it may be seen, and those that its replacement keeps.
#[derive(Deserialize)]
struct EventTarget {
    project_id: Option<ProjectId>,
    timestamp: Timestamp,
    #[serde(default)]
    epoch: Option<Epoch>,
}

/// Returns true if an event may be seen. An event that cannot be read may not.
pub(crate) fn is_seen(event: &Encoded, may: impl Fn(&ProjectId) -> bool) -> bool {
    may_see(&event.v1, may)
}

fn may_see(event: &[u8], may: impl Fn(&ProjectId) -> bool) -> bool {
    serde_json::from_slice::<EventTarget>(event)
        .is_ok_and(|target| target.project_id.is_none_or(|project| may(&project)))
}

/// Replaces an event that may not be seen by an empty one that keeps only its position.
pub(crate) fn hide_unless(event: &mut Encoded, may: impl Fn(&ProjectId) -> bool) {
    if let Some(hidden) = hidden_unless(&event.v1, event.seq, may) {
        event.v1 = hidden.into();
        event.legacy = None;
    }
}

/// Returns the empty event that replaces one that may not be seen. `None` if it may be seen.
pub(crate) fn hidden_unless(
    event: &[u8],
    seq: u64,
    may: impl Fn(&ProjectId) -> bool,
) -> Option<Vec<u8>> {
    #[derive(Serialize)]
    struct Hidden {
        r#type: &'static str,
        project_id: Option<ProjectId>,
        data: serde_json::Value,
        timestamp: Timestamp,
        seq: u64,
        epoch: Option<Epoch>,
    }
    if may_see(event, may) {
        return None;
    }
    let target = serde_json::from_slice::<EventTarget>(event);
    let (timestamp, epoch) = target.map_or_else(
        |_| (Timestamp::from_unix_millis(0), None),
        |target| (target.timestamp, target.epoch),
    );
    let hidden = Hidden {
        r#type: HIDDEN,
        project_id: None,
        data: json!({}),
        timestamp,
        seq,
        epoch,
    };
    Some(serde_json::to_vec(&hidden).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use tasktree_protocol::frame::Incoming;

    use super::*;

    fn event(project: Option<&str>) -> Encoded {
        let message = json!({
            "type": "project_created", "project_id": project, "data": {"name": "SECRET"}, "stream": "*",
            "timestamp": "2026-01-01T00:00:00Z", "seq": 7, "epoch": "e1", "actor": "human:bob",
        });
        Encoded {
            seq: 7,
            v1: message.to_string().into(),
            legacy: Some("SECRET".into()),
            committed: None,
        }
    }

    #[test]
    fn of_a_hidden_event_only_its_position_is_left() {
        let mut hidden = event(Some("beta"));
        hide_unless(&mut hidden, |project| project.as_str() == "alpha");
        let text = std::str::from_utf8(&hidden.v1).unwrap();
        assert!(
            hidden.legacy.is_none() && !text.contains("SECRET") && !text.contains("beta"),
            "{text}"
        );
        let Incoming::Message(message) = Incoming::parse(text).unwrap() else {
            panic!("{text}")
        };
        assert_eq!((message.seq, message.epoch), (Some(7), Some("e1".into())));
        assert_eq!(message.event.kind(), HIDDEN);
    }

    #[test]
    fn events_of_nobody_in_particular_and_of_the_own_project_stay_as_they_are() {
        for project in [None, Some("alpha")] {
            let (mut seen, before) = (event(project), event(project));
            hide_unless(&mut seen, |project| project.as_str() == "alpha");
            assert_eq!(seen.v1, before.v1);
        }
    }
}
