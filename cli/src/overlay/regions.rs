//! The regions of each cloud, as far as a name tells whether it can be one.
//!
//! Clouds open regions more often than this command is installed. Therefore a name is refused if it is not formed as that cloud forms them; the
//! lists here serve to find what was meant.

use super::nearest::nearest;
use crate::cloud::Cloud;

const DIRECTIONS: [&str; 9] =
    ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];

/// What stands before the direction, by the patterns in botocore's `partitions.json`.
const AWS_PLACES: [&str; 16] = [
    "af", "ap", "ca", "cn", "eu", "il", "me", "mx", "sa", "us", "eu-isoe", "eusc-de", "us-gov", "us-iso", "us-isob",
    "us-isof",
];

const GCP_PLACES: [&str; 8] = ["africa", "asia", "australia", "europe", "me", "northamerica", "southamerica", "us"];

const AWS: [&str; 33] = [
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// <https://cloud.google.com/run/docs/locations>
const GCP: [&str; 32] = [
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast2",
    "asia-northeast3",
    "asia-south1",
    "asia-south2",
    "asia-southeast1",
    "asia-southeast2",
    "australia-southeast1",
    "australia-southeast2",
    "europe-central2",
    "europe-north1",
    "europe-southwest1",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west8",
    "europe-west9",
    "europe-west10",
    "europe-west12",
    "me-west1",
    "northamerica-northeast1",
    "southamerica-east1",
    "us-central1",
    "us-east1",
    "us-east4",
    "us-east5",
    "us-south1",
    "us-west1",
];

/// <https://learn.microsoft.com/azure/reliability/regions-list>
const AZURE: [&str; 56] = [
    "australiacentral",
    "australiacentral2",
    "australiaeast",
    "australiasoutheast",
    "austriaeast",
    "belgiumcentral",
    "brazilsouth",
    "brazilsoutheast",
    "canadacentral",
    "canadaeast",
    "centralindia",
    "centralus",
    "chilecentral",
    "denmarkeast",
    "eastasia",
    "eastus",
    "eastus2",
    "francecentral",
    "francesouth",
    "germanynorth",
    "germanywestcentral",
    "indonesiacentral",
    "israelcentral",
    "italynorth",
    "japaneast",
    "japanwest",
    "koreacentral",
    "koreasouth",
    "malaysiawest",
    "mexicocentral",
    "newzealandnorth",
    "northcentralus",
    "northeurope",
    "norwayeast",
    "norwaywest",
    "polandcentral",
    "qatarcentral",
    "southafricanorth",
    "southafricawest",
    "southcentralus",
    "southeastasia",
    "southindia",
    "spaincentral",
    "swedencentral",
    "switzerlandnorth",
    "switzerlandwest",
    "uaecentral",
    "uaenorth",
    "uksouth",
    "ukwest",
    "westcentralus",
    "westeurope",
    "westindia",
    "westus",
    "westus2",
    "westus3",
];

/// Why a name cannot be that of a region.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is almost that of this one.
    Near(&'static str),
    /// It is not formed as this cloud forms them; this is one of them.
    Form(&'static str),
}

/// Checks the name of a region.
pub(super) fn check(cloud: Cloud, region: &str) -> Result<(), Unknown> {
    let (known, is_formed, example): (&'static [&'static str], bool, _) = match cloud {
        Cloud::Aws => (&AWS, is_of_aws(region), "eu-central-1"),
        Cloud::Gcp => (&GCP, is_of_gcp(region), "europe-west1"),
        // Azure's names have no form in common: a new one is refused only where it is almost that of another.
        Cloud::Azure => (&AZURE, is_of_azure(region), "westeurope"),
    };
    if is_formed {
        return Ok(());
    }
    Err(nearest(region, known.iter().copied()).map_or(Unknown::Form(example), Unknown::Near))
}

/// `eu-central-1`: a place, a direction, and a number.
fn is_of_aws(region: &str) -> bool {
    let Some((before, number)) = region.rsplit_once('-') else { return false };
    let Some((place, direction)) = before.rsplit_once('-') else { return false };
    AWS_PLACES.contains(&place) && DIRECTIONS.contains(&direction) && is_number(number)
}

/// `europe-west1`: a continent, and a direction with a number.
fn is_of_gcp(region: &str) -> bool {
    let Some((place, rest)) = region.split_once('-') else { return false };
    let (direction, number) = rest.split_at(rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()));
    GCP_PLACES.contains(&place) && DIRECTIONS.contains(&direction) && is_number(number)
}

fn is_of_azure(region: &str) -> bool {
    let without_number = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let is_known = AZURE.iter().any(|known| without_number(known) == without_number(region));
    let is_word = region.chars().all(|c| c.is_ascii_alphanumeric());
    is_known || (is_word && nearest(region, AZURE.into_iter()).is_none())
}

fn is_number(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_knows_its_regions() {
        for (cloud, known) in [(Cloud::Aws, &AWS[..]), (Cloud::Gcp, &GCP), (Cloud::Azure, &AZURE)] {
            for region in known {
                assert_eq!(check(cloud, region), Ok(()), "{region}");
            }
        }
        // These are not in the lists.
        for (cloud, region) in [
            (Cloud::Aws, "mx-central-1"),
            (Cloud::Aws, "us-gov-east-1"),
            (Cloud::Aws, "ap-southeast-7"),
            (Cloud::Gcp, "northamerica-south1"),
            (Cloud::Gcp, "us-west4"),
            (Cloud::Azure, "saudiarabiacentral"),
        ] {
            assert_eq!(check(cloud, region), Ok(()), "{region}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_none() {
        for (cloud, region, unknown) in [
            (Cloud::Aws, "eu-centrl-1", Unknown::Near("eu-central-1")),
            (Cloud::Aws, "us-esat-1", Unknown::Near("us-east-1")),
            (Cloud::Aws, "europe-west1", Unknown::Form("eu-central-1")),
            (Cloud::Aws, "westeurope", Unknown::Form("eu-central-1")),
            (Cloud::Gcp, "europe-wset1", Unknown::Near("europe-west1")),
            (Cloud::Gcp, "europe-west", Unknown::Near("europe-west1")),
            (Cloud::Gcp, "eu-central-1", Unknown::Form("europe-west1")),
            (Cloud::Azure, "westeurpe", Unknown::Near("westeurope")),
            (Cloud::Azure, "eu-central-1", Unknown::Form("westeurope")),
        ] {
            assert_eq!(check(cloud, region), Err(unknown), "{region}");
        }
    }
}
