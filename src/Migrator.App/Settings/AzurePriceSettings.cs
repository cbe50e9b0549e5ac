using System.Globalization;
using Microsoft.Extensions.Configuration;
using Migrator.Core.Failures;
using Migrator.Storage.Blobs.Azure;

namespace Migrator.App.Settings;

/// <summary>The section <c>AzurePrices</c>: what estimates of Azure's costs are made with.</summary>
public static class AzurePriceSettings
{
    private const string Section = "AzurePrices";

    /// <returns>The defaults, with what the settings say instead.</returns>
    /// <exception cref="ConfigurationException">Every error.</exception>
    public static AzurePrices Read(IConfiguration settings)
    {
        var (prices, defaults) = (new SettingsReader(settings, Section), new AzurePrices());
        prices.RejectUnknown(["Currency", "Rehydrate", .. defaults.Tiers.Keys.Select(Title)]);
        var rehydrate = prices.Section("Rehydrate");
        rehydrate.RejectUnknown("StandardHours", "HighHours", "HighReadPer10000", "HighPerGB");
        var read = new AzurePrices
        {
            Currency = prices.Text("Currency") ?? defaults.Currency,
            Tiers = defaults.Tiers.ToDictionary(tier => tier.Key, tier => Tier(prices.Section(Title(tier.Key)), tier.Value)),
            StandardPriorityHours = (int)Number(rehydrate, "StandardHours", defaults.StandardPriorityHours, whole: true),
            HighPriorityHours = (int)Number(rehydrate, "HighHours", defaults.HighPriorityHours, whole: true),
            HighPriorityReadPer10000 = Number(rehydrate, "HighReadPer10000", defaults.HighPriorityReadPer10000),
            HighPriorityRetrievePerGB = Number(rehydrate, "HighPerGB", defaults.HighPriorityRetrievePerGB),
        };
        prices.ThrowIfWrong();
        return read;
    }

    private static AzureTierPrice Tier(SettingsReader tier, AzureTierPrice defaults)
    {
        tier.RejectUnknown("StorePerGB", "WritePer10000", "ReadPer10000", "RetrievePerGB", "MinimumDays");
        return new AzureTierPrice(
            Number(tier, "StorePerGB", defaults.StorePerGB),
            Number(tier, "WritePer10000", defaults.WritePer10000),
            Number(tier, "ReadPer10000", defaults.ReadPer10000),
            Number(tier, "RetrievePerGB", defaults.RetrievePerGB),
            (int)Number(tier, "MinimumDays", defaults.MinimumDays, whole: true)
        );
    }

    private static decimal Number(SettingsReader section, string key, decimal standard, bool whole = false)
    {
        if (section.Text(key) is not { } text)
            return standard;
        if (
            decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number <= 1_000_000
            && (!whole || number == decimal.Truncate(number))
        )
            return number;
        section.Wrong(key, $"is \"{text}\"; write a {(whole ? "whole number" : "number such as 0.0184")}, from 0 to 1000000.");
        return standard;
    }

    private static string Title(string tier) => char.ToUpperInvariant(tier[0]) + tier[1..];
}
