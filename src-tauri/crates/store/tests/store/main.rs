//! The store as the engine uses it: through its public API, on a real file.

#[cfg(test)]
mod arrange;
#[cfg(test)]
mod bed;
#[cfg(test)]
mod chance;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod gaps;
#[cfg(test)]
mod healing;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod life;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod recent;
#[cfg(test)]
mod script;
#[cfg(test)]
mod search;
#[cfg(test)]
mod window;
#[cfg(test)]
mod writes;
