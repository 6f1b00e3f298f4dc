//! `/health` while the files of the database are gone.

use serde_json::json;
use tasktree_server::config::Database;

use crate::support::TestServer;

#[tokio::test]
async fn a_database_that_was_removed_or_replaced_is_said_until_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tasktree.db");
    let log = folder.path().join("tasktree.db-wal");
    let server = TestServer::with(|config| config.database = Database::File(path.clone())).await;
    assert_eq!(server.get("/health").await.ok()["status"], "ok");
    for file in [&path, &log] {
        let aside = folder.path().join("aside");
        std::fs::rename(file, &aside).unwrap();
        let answer = server.get("/health").await;
        assert_eq!(answer.status, 503, "{} is gone", file.display());
        assert!(
            answer.text.contains("removed or replaced"),
            "{}",
            answer.text
        );
        assert_eq!(answer.header("retry-after"), "1");
        let body = json!({"id": "lost", "name": "Lost"});
        let refused = server.post("/api/projects", body).await;
        assert_eq!(refused.status, 503, "it would be lost: {}", refused.text);
        std::fs::copy(&aside, file).unwrap();
        assert_eq!(
            server.get("/health").await.status,
            503,
            "it is another file"
        );
        std::fs::rename(&aside, file).unwrap();
        assert_eq!(server.get("/health").await.status, 200);
    }
    server.make_project("alpha").await;
    assert_eq!(server.get("/health").await.ok()["connections"], json!(0));
}
