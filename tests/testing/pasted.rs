use omnifn::prelude::*;

#[function(queue = "orders")]
async fn settle(order: Message<u32>) -> Result<()> {
    if order.body == 0 { Err(Error::reject("an order of nothing")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use omnifn::testing::Testing;

    #[tokio::test]
    async fn an_order_of_nothing_fails() {
        // A function that takes a state gets one here: `omnifn::app!(settle; state = connect)`, or `.state(Db::fake())`.
        let testing = Testing::new(|| omnifn::app!(settle));
        assert!(testing.deliver("settle", Message::new(Bytes::from("2"))).await.is_acknowledged());

        let orders = || ["2", "0"].map(|count| Message::new(Bytes::from(count)).into()).into();
        for delivered in testing.deliver_everywhere("settle", orders).await {
            let [good, empty] = &delivered.records[..] else { panic!("two records") };
            assert!(good.outcome.is_acknowledged() && !empty.is_acknowledged, "{delivered:?}");
        }
    }
}
