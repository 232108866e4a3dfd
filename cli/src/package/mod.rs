//! What each cloud takes: zips, folders, images.
