use placewise_reporting::sendings::{self, Channel};
use placewise_reporting::{Client, Customers, Host, Sendings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .host(Host::Production)
        .token(std::env::var("PLACEWISE_TOKEN")?)
        .customers(Customers::id(1000941))
        .product_name("size")
        .build()?;
    let query = Sendings::records().filter(sendings::CHANNEL.eq(Channel::Email) & sendings::DELIVERED_COUNT.gt(0));
    for sending in client.fetch(query).await?.rows {
        println!("{} {:?} {}", sending.id, sending.channel, sending.delivered_count);
    }
    Ok(())
}
