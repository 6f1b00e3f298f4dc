//! Tests of the ways to the server: addresses, proxies, policies and outages.

mod addresses;
mod behind_nginx;
mod blocked_sockets;
mod outage;
mod policy;
mod proxy;
