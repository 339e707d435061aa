//! What several promises share: processes that are ended with the test that started them.
