//! The functions of StarRocks that compute from what they are given, or say who asks and when.

use std::sync::LazyLock;

/// The functions that a query may call. What StarRocks has besides waits (`sleep`), reads files or other systems
/// (`files`, `ai_query`), or shows what a hook has no business with; what is not of StarRocks was defined by a user, and may
/// run anything. From StarRocks' function reference.
const FUNCTIONS: &str = "\
    abs acos acosh add add_months adddate aes_decrypt aes_encrypt all_match any_match any_value \
    append_trailing_char_if_absent approx_cosine_similarity approx_count_distinct \
    approx_count_distinct_hll_sketch approx_l2_distance approx_top_k array array_agg array_agg_distinct \
    array_append array_avg array_concat array_contains array_contains_all array_contains_seq \
    array_cum_sum array_difference array_distinct array_filter array_flatten array_generate \
    array_intersect array_join array_length array_map array_max array_min array_position array_remove \
    array_repeat array_slice array_sort array_sort_lambda array_sortby array_sum array_to_bitmap \
    array_to_string array_top_n array_unique_agg arrays_overlap arrays_zip ascii asin asinh assert_true \
    atan atan2 atanh avg base64_decode_binary base64_decode_string base64_to_bitmap bin bit_count \
    bit_length bit_shift_left bit_shift_right bit_shift_right_logical bitand bitmap bitmap_agg \
    bitmap_and bitmap_andnot bitmap_contains bitmap_count bitmap_empty bitmap_from_binary \
    bitmap_from_string bitmap_has_any bitmap_hash bitmap_hash64 bitmap_intersect bitmap_max bitmap_min \
    bitmap_or bitmap_remove bitmap_subset_in_range bitmap_subset_limit bitmap_to_array bitmap_to_base64 \
    bitmap_to_binary bitmap_to_string bitmap_union bitmap_union_count bitmap_union_int bitmap_xor bitnot \
    bitor bitxor bool_and bool_or booland_agg boolor_agg bround cardinality cast cbrt ceil ceiling char \
    char_length character_length chr coalesce concat concat_ws connection_id conv convert_tz corr cos \
    cosh cosine_similarity cosine_similarity_norm cot count count_if covar_pop covar_samp crc32 \
    cume_dist curdate current_date current_group current_role current_time current_timestamp \
    current_timezone current_user current_version current_warehouse curtime database date date_add \
    date_diff date_floor date_format date_slice date_sub date_trunc datediff day day_of_month \
    day_of_week day_of_week_iso day_of_year dayname dayofmonth dayofweek dayofweek_iso dayofyear \
    days_add days_diff days_sub dceil degrees dense_rank dexp dfloor distinct_map_keys divide dlog1 \
    dlog10 dpow dround ds_hll_accumulate ds_hll_combine ds_hll_count_distinct ds_hll_estimate \
    ds_theta_count_distinct dsqrt e element_at elt encode_fingerprint_sha256 ends_with equiwidth_bucket \
    every exp extract field filter find_in_set first_value floor fmod format format_bytes format_time \
    fpow from_base64 from_binary from_days from_unixtime from_unixtime_ms get_json_bool get_json_double \
    get_json_int get_json_object get_json_string greatest group_concat grouping grouping_id hex \
    hex_decode_binary hex_decode_string hll_cardinality hll_deserialize hll_empty hll_hash hll_raw \
    hll_raw_agg hll_serialize hll_union hll_union_agg host_name hour hour_from_unixtime hours_add \
    hours_diff hours_sub if ifnull inet_aton initcap inner_product instr intersect_count is_json_scalar \
    isnotnull isnull jodatime_format json_array json_contains json_each json_exists json_extract \
    json_keys json_length json_object json_pretty json_query json_remove json_set json_string json_value \
    l2_distance lag last_day last_query_id last_value lcase lead least left length levenshtein like ln \
    localtime localtimestamp locate log log10 log2 lower lpad ltrim makedate mann_whitney_u_test map \
    map_agg map_apply map_concat map_entries map_filter map_from_arrays map_keys map_size map_values max \
    max_by max_n md5 md5sum md5sum_numeric microsecond microseconds_add microseconds_sub millisecond \
    milliseconds_add milliseconds_diff milliseconds_sub min min_by min_n minute minutes_add minutes_diff \
    minutes_sub mod money_format month monthname months_add months_between months_diff months_sub \
    multi_distinct_count multi_distinct_sum multiply murmur_hash3_32 named_struct ndv negative next_day \
    ngram_search ngram_search_case_insensitive now nth_value ntile null_or_empty nullif nvl nvl2 \
    octet_length parse_json parse_url percent_rank percentile_approx percentile_approx_raw \
    percentile_approx_weight percentile_approx_weighted percentile_cont percentile_disc \
    percentile_disc_lc percentile_empty percentile_hash percentile_union pi pmod position positive pow \
    power previous_day quarter quarters_add quarters_sub radians raise_error rand random rank regexp \
    regexp_count regexp_extract regexp_extract_all regexp_position regexp_replace regexp_split repeat \
    replace replace_old retention reverse right round row row_number rpad rtrim schema sec_to_time \
    second seconds_add seconds_diff seconds_sub session_number session_user sha2 sha224 sha256 sha384 \
    sha512 sign sin sinh sm3 space split split_part sqrt square st_astext st_aswkt st_circle st_contains \
    st_distance_sphere st_geometryfromtext st_geomfromtext st_linefromtext st_linestringfromtext \
    st_point st_polyfromtext st_polygon st_polygonfromtext st_x st_y starts_with std stddev stddev_pop \
    stddev_samp str2date str_to_date str_to_jodatime str_to_map strcmp string_agg strleft strpos \
    strright struct sub_bitmap subdate substr substring substring_index subtract sum sum_map tan tanh \
    time_format time_slice time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_binary \
    to_bitmap to_char to_date to_datetime to_datetime_ntz to_days to_iso8601 to_json to_tera_date \
    to_tera_timestamp transform transform_keys transform_values translate trim truncate try_cast typeof \
    ucase unhex unicode unix_timestamp upper url_decode url_encode url_extract_host \
    url_extract_parameter user utc_date utc_time utc_timestamp uuid uuid_numeric uuid_v7 var_pop \
    var_samp variance variance_pop variance_samp version week week_iso weekday weekofyear weeks_add \
    weeks_diff weeks_sub width_bucket window_funnel xx_hash32 xx_hash3_128 xx_hash3_64 xx_hash64 year \
    year_week years_add years_diff years_sub yearweek";

/// Words of SQL before a parenthesis that call nothing: operators, clauses, and types with a length.
const KEYWORDS: &str = "\
    all and any as between binary by case cube decimal decimal128 decimal32 decimal64 decimalv2 distinct \
    div else except exists from group having in intersect interval is join limit minus not numeric \
    offset on or over partition qualify rlike rollup select sets some tablet then union using values \
    varbinary varchar when where xor";

/// Whether a query may call a function of that name.
pub(super) fn is_allowed(name: &str) -> bool {
    static NAMES: LazyLock<Vec<&str>> = LazyLock::new(|| in_order(FUNCTIONS));
    contains(&NAMES, name)
}

/// Whether a word before a parenthesis calls nothing.
pub(super) fn is_keyword(word: &str) -> bool {
    static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| in_order(KEYWORDS));
    contains(&WORDS, word)
}

fn in_order(names: &'static str) -> Vec<&'static str> {
    let mut names: Vec<&str> = names.split_whitespace().collect();
    names.sort_unstable();
    names
}

/// Looks a name up in a list that is in order, whatever its case.
fn contains(names: &[&str], name: &str) -> bool {
    let lower = |byte: u8| byte.to_ascii_lowercase();
    names.binary_search_by(|known| known.bytes().cmp(name.bytes().map(lower))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_functions_in_any_case() {
        for name in ["count", "COUNT", "Date_Format", "abs", "years_sub"] {
            assert!(is_allowed(name), "{name}");
        }
        for name in ["sleep", "files", "table", "ai_query", "ai_complete", "password", "my_function", ""] {
            assert!(!is_allowed(name) && !is_keyword(name), "{name}");
        }
        assert!(is_keyword("IN") && !is_keyword("into"));
    }
}
