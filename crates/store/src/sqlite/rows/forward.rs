//! Macros that forward a primitive to the function that has its SQL.

/// Forwards a read unchanged.
macro_rules! hand_over {
    ($($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&self, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            $module::$function(self.connection, $($argument),*)
        })*
    };
}

/// Forwards a read of a project, with the project and its keys, or with one key.
macro_rules! hand_over_in {
    ($(.$key:ident)? { $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)* }) => {
        hand_over_in! { @each ($(.$key)?) $($module::$function as $name($($argument: $kind),*) -> $result;)* }
    };
    (@each $key:tt $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(hand_over_in! { @one $key $module::$function as $name($($argument: $kind),*) -> $result; })*
    };
    (@one ($(.$key:ident)?) $module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;) => {
        fn $name(&self, project: &ProjectId, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            let space = self.space(project)?;
            $module::$function(self.connection, &space$(.$key)?, $($argument),*)
        }
    };
}

/// Forwards a change unchanged.
macro_rules! hand_over_change {
    ($($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            $module::$function(self.connection, $($argument),*)
        })*
    };
}

/// Forwards a change that may alter or remove a project's keys.
macro_rules! hand_over_change_of_projects {
    ($($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(fn $name(&mut self, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            self.space.take();
            $module::$function(self.connection, $($argument),*)
        })*
    };
}

/// Forwards a change in a project, with the project and its keys, or with one key.
macro_rules! hand_over_change_in {
    ($(.$key:ident)? { $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)* }) => {
        hand_over_change_in! { @each ($(.$key)?) $($module::$function as $name($($argument: $kind),*) -> $result;)* }
    };
    (@each $key:tt $($module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        $(hand_over_change_in! { @one $key $module::$function as $name($($argument: $kind),*) -> $result; })*
    };
    (@one ($(.$key:ident)?) $module:ident :: $function:ident as $name:ident ($($argument:ident: $kind:ty),*) -> $result:ty;) => {
        fn $name(&mut self, project: &ProjectId, $($argument: $kind),*) -> Result<$result> {
            self.operations.inc();
            let space = self.space(project)?;
            $module::$function(self.connection, &space$(.$key)?, $($argument),*)
        }
    };
}
