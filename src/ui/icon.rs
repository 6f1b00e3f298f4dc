//! The icons, drawn for this board on a grid of 16 with lines 1.5 wide.

use leptos::prelude::*;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $path:literal,)*) => {
        /// Icon, as the path that draws it. No enum with a table of all paths: a program contains
        /// only the icons that it shows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct IconName(&'static str);

        #[expect(non_upper_case_globals, reason = "they are used as the variants of an enum are")]
        impl IconName {
            $($(#[$doc])* pub const $name: Self = Self($path);)*

            /// All icons.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

icons! {
    /// An open ring: unclaimed.
    Ring = "M8 2.75a5.25 5.25 0 1 0 0 10.5a5.25 5.25 0 1 0 0-10.5",
    /// An arrow in a ring: next.
    Next = "M8 2.75a5.25 5.25 0 1 0 0 10.5a5.25 5.25 0 1 0 0-10.5M5.5 8h4.6M8.2 5.9L10.3 8l-2.1 2.1",
    /// A half disc in a ring: in progress.
    Half = "M8 2.75a5.25 5.25 0 1 0 0 10.5a5.25 5.25 0 1 0 0-10.5M8 5.5v5a2.5 2.5 0 0 0 0-5M8 6.6a1.5 1.5 0 0 1 0 2.8",
    /// A check in a ring: done.
    Done = "M8 2.75a5.25 5.25 0 1 0 0 10.5a5.25 5.25 0 1 0 0-10.5M5.6 8.2l1.7 1.7l3.2-3.5",
    /// Two lines that become one: merged.
    Merge = "M4.5 5.75v4.5M4.5 5.75c.4 2.6 2.4 3.75 5.25 3.75M4.5 2.75a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3M4.5 10.25a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3M11.25 8a1.5 1.5 0 1 0 0 3a1.5 1.5 0 1 0 0-3",
    /// A plus.
    Add = "M8 3.25v9.5M3.25 8h9.5",
    /// A cross.
    Close = "M4 4l8 8M12 4l-8 8",
    /// A check.
    Check = "M3.5 8.5l3 3l6-6.5",
    /// A triangle with a mark.
    Warning = "M8 2.75L14 13.25H2zM8 6.5v3M8 11.2v.1",
    /// A ring with a mark.
    Info = "M8 2.25a5.75 5.75 0 1 0 0 11.5a5.75 5.75 0 1 0 0-11.5M8 7.5v3.25M8 5.2v.1",
    /// Two sheets.
    Copy = "M6 5.75h6.25a.75.75 0 0 1 .75.75v6a.75.75 0 0 1-.75.75H6.5a.75.75 0 0 1-.75-.75V6A.25.25 0 0 1 6 5.75M3.75 10.25H3.5a.75.75 0 0 1-.75-.75v-6a.75.75 0 0 1 .75-.75h6a.75.75 0 0 1 .75.75v.25",
    /// A magnifier.
    Search = "M7 2.75a4.25 4.25 0 1 0 0 8.5a4.25 4.25 0 1 0 0-8.5M10.2 10.2l3.3 3.3",
    /// A bell.
    Bell = "M4 10.75c.9-.9 1-2 1-3.75a3 3 0 0 1 6 0c0 1.750.1 2.850 1 3.750zM6.750 13.250h2.500",
    /// Three columns.
    Board = "M2.750 3.250h2.500v9.500h-2.500zM6.750 3.250h2.500v6h-2.500zM10.750 3.250h2.500v7.500h-2.500z",
    /// A head with an aerial: an agent.
    Agent = "M3.250 6.250h9.500v6.500h-9.500zM8 6.250v-2.500M8 2.500v.1M6 9v1M10 9v1M1.500 8.500v2M14.500 8.500v2",
    /// A head and shoulders: a person.
    Person = "M8 2.750a2.500 2.500 0 1 0 0 5a2.500 2.500 0 1 0 0-5M3.250 13.250c.3-2.600 2.200-4 4.750-4s4.450 1.400 4.750 4",
    /// A pulse.
    Activity = "M1.750 8.250h3l2-5l2.750 9.500l2-4.500h2.750",
    /// Lines far apart.
    Comfortable = "M2.750 4h10.500M2.750 8h10.500M2.750 12h10.500",
    /// Lines close together.
    Compact = "M2.750 3.500h10.500M2.750 6.500h10.500M2.750 9.500h10.500M2.750 12.500h10.500",
    /// A sun.
    Sun = "M8 5.250a2.750 2.750 0 1 0 0 5.500a2.750 2.750 0 1 0 0-5.500M8 1.500v1.250M8 13.250v1.250M1.500 8h1.250M13.250 8h1.250M3.400 3.400l.9.9M11.700 11.700l.9.9M12.600 3.400l-.9.9M4.300 11.700l-.9.9",
    /// A crescent.
    Moon = "M13 9.750A5.500 5.500 0 0 1 6.250 3a5.500 5.500 0 1 0 6.750 6.750z",
    /// Half light, half dark: the system's theme.
    System = "M8 2.250a5.750 5.750 0 1 0 0 11.500a5.750 5.750 0 1 0 0-11.500M8 2.250v11.500M8 5h3.500M8 8h4.500M8 11h3.500",
    /// A globe.
    Language = "M8 2.250a5.750 5.750 0 1 0 0 11.500a5.750 5.750 0 1 0 0-11.500M2.250 8h11.500M8 2.250c-3 3.300-3 8.200 0 11.500c3-3.300 3-8.200 0-11.500",
    /// A question mark.
    Help = "M8 2.250a5.750 5.750 0 1 0 0 11.500a5.750 5.750 0 1 0 0-11.500M6.300 6.400a1.750 1.750 0 1 1 2.600 1.600c-.6.3-.9.7-.9 1.300M8 11.300v.1",
    /// An arrow down.
    Down = "M4.250 6.250L8 10l3.750-3.750",
    /// An arrow to the right.
    Right = "M6.250 4.250L10 8l-3.750 3.750",
    /// An arrow to the left.
    Left = "M9.750 4.250L6 8l3.750 3.750",
    /// Three dots.
    More = "M3.500 7.500a.5.5 0 1 0 0 1a.5.5 0 1 0 0-1M8 7.500a.5.5 0 1 0 0 1a.5.5 0 1 0 0-1M12.500 7.500a.5.5 0 1 0 0 1a.5.5 0 1 0 0-1",
    /// A pen.
    Edit = "M3 13l.7-2.900l7-7l2.200 2.200l-7 7zM9.300 4.500l2.200 2.200",
    /// A bin.
    Delete = "M2.750 4.500h10.500M6 4.500v-1.750h4v1.750M4.250 4.500l.6 8.750h6.300l.6-8.750M6.700 7v3.750M9.300 7v3.750",
    /// A branch.
    Branch = "M4.500 5.750v4.500M11.500 6.750c0 2.250-7 1-7 3.500M4.500 2.750a1.500 1.500 0 1 0 0 3a1.500 1.500 0 1 0 0-3M4.500 10.250a1.500 1.500 0 1 0 0 3a1.500 1.500 0 1 0 0-3M11.500 3.750a1.500 1.500 0 1 0 0 3a1.500 1.500 0 1 0 0-3",
    /// A lock.
    Lock = "M4 7.250h8v5.500H4zM5.500 7.250V5.500a2.500 2.500 0 0 1 5 0v1.750",
    /// A folder.
    Project = "M2.250 12.750v-9h4l1.250 1.750h6.250v7.250z",
    /// A letter.
    Message = "M2.250 4h11.500v8.250H2.250zM2.500 4.500L8 8.750l5.500-4.250",
    /// Two upright bars: pause.
    Pause = "M6 4v8M10 4v8",
    /// A wheel of arrows: retry.
    Retry = "M12.750 8a4.750 4.750 0 1 1-1.500-3.450M12.750 2.750v2.500h-2.500",
    /// A clock.
    Clock = "M8 2.250a5.750 5.750 0 1 0 0 11.500a5.750 5.750 0 1 0 0-11.500M8 5v3.250l2.250 1.500",
    /// A funnel.
    Filter = "M2.500 3.750h11L9.500 8.500v4.250l-3-1.500V8.500z",
    /// Six dots: a handle.
    Grip = "M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01",
    /// A broken link: no connection.
    Offline = "M3 3l10 10M2 7a9 9 0 0 1 3-1.800M14 7a9 9 0 0 0-5.500-2.400M4.500 9.500a5.500 5.500 0 0 1 3-1.400M8 12.400v.1",
    /// A diamond: it needs a person.
    Diamond = "M8 2.500L13.500 8L8 13.500L2.500 8zM8 6v4M6 8h4",
    /// A ring of dashes: silence.
    Dashed = "M8 2.750a5.250 5.250 0 0 1 3.700 1.550M13 6.400a5.250 5.250 0 0 1 0 3.200M11.700 11.700A5.250 5.250 0 0 1 8 13.250M4.300 11.700a5.250 5.250 0 0 1-1.300-2.100M3 6.400a5.250 5.250 0 0 1 1.300-2.100",
    /// An hourglass: no progress.
    Hourglass = "M4.250 2.750h7.500M4.250 13.250h7.500M5 2.750c0 3 2 3.750 3 5.250c1-1.500 3-2.250 3-5.250M5 13.250c0-3 2-3.750 3-5.250c1 1.500 3 2.250 3 5.250",
    /// A tray: the inbox.
    Inbox = "M2.500 9.250l2-6h7l2 6v4h-11zM2.500 9.250h3l1 1.750h3l1-1.750h3",
    /// Letters on lines: the log.
    Log = "M3 4h10M3 7h7M3 10h10M3 13h5",
}

/// Icon, hidden from screen readers: a text states its meaning.
#[component]
pub fn Icon(
    /// Icon to show.
    name: IconName,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d=name.0></path>
        </svg>
    }
}
