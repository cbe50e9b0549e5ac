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
    /// <exception cref="JobFileException">Every mistake.</exception>
    public static AzurePrices Read(IConfiguration settings)
    {
        var (section, defaults, errors) = (settings.GetSection(Section), new AzurePrices(), new List<JobFileError>());
        errors.AddRange(KnownKeys.Others(section, ["Currency", "Rehydrate", .. defaults.Tiers.Keys.Select(Title)]));
        var rehydrate = section.GetSection("Rehydrate");
        errors.AddRange(KnownKeys.Others(rehydrate, "StandardHours", "HighHours", "HighReadPer10000", "HighPerGB"));
        var prices = new AzurePrices
        {
            Currency = section["Currency"] is { Length: > 0 } currency ? currency : defaults.Currency,
            Tiers = defaults.Tiers.ToDictionary(tier => tier.Key, tier => Tier(section.GetSection(Title(tier.Key)), tier.Value, errors)),
            StandardPriorityHours = (int)Number(rehydrate, "StandardHours", defaults.StandardPriorityHours, errors, whole: true),
            HighPriorityHours = (int)Number(rehydrate, "HighHours", defaults.HighPriorityHours, errors, whole: true),
            HighPriorityReadPer10000 = Number(rehydrate, "HighReadPer10000", defaults.HighPriorityReadPer10000, errors),
            HighPriorityRetrievePerGB = Number(rehydrate, "HighPerGB", defaults.HighPriorityRetrievePerGB, errors),
        };
        return errors.Count > 0 ? throw new JobFileException("settings", errors) : prices;
    }

    private static AzureTierPrice Tier(IConfigurationSection section, AzureTierPrice defaults, List<JobFileError> errors)
    {
        errors.AddRange(KnownKeys.Others(section, "StorePerGB", "WritePer10000", "ReadPer10000", "RetrievePerGB", "MinimumDays"));
        return new AzureTierPrice(
            Number(section, "StorePerGB", defaults.StorePerGB, errors), Number(section, "WritePer10000", defaults.WritePer10000, errors), Number(section, "ReadPer10000", defaults.ReadPer10000, errors),
            Number(section, "RetrievePerGB", defaults.RetrievePerGB, errors), (int)Number(section, "MinimumDays", defaults.MinimumDays, errors, whole: true));
    }

    private static decimal Number(IConfigurationSection section, string key, decimal @default, List<JobFileError> errors, bool whole = false)
    {
        if (section[key] is not { Length: > 0 } text)
            return @default;
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= 1_000_000 && (!whole || number == decimal.Truncate(number)))
            return number;
        errors.Add(new JobFileError($"{section.Path}:{key}", $"is \"{text}\"; write a {(whole ? "whole number" : "number such as 0.0184")}, from 0 to 1000000."));
        return @default;
    }

    private static string Title(string tier) => char.ToUpperInvariant(tier[0]) + tier[1..];
}
