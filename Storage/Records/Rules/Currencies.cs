using System.Collections.Frozen;

namespace CloudStore.Storage.Records.Rules;

/// <summary>Currency codes by ISO 4217: those in use for money, without metals, funds and test codes.</summary>
public static class Currencies
{
    private const string Codes =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK " +
        "DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR " +
        "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN " +
        "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX " +
        "USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

    /// <summary>The codes, in upper case.</summary>
    public static FrozenSet<string> All { get; } = Codes.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reports a code that is none. It has to be in upper case.</summary>
    public static void Check(string field, string code, Action<string, string, string> report)
    {
        if (!All.Contains(code))
        {
            report(field, "currency", $"{field} must be a currency code of ISO 4217 such as INR; it is '{(code.Length > 20 ? code[..20] : code)}'.");
        }
    }
}
