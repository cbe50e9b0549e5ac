using System.Globalization;

namespace Migrator.App.Formatting;

/// <summary>Amounts of money as people read them.</summary>
public static class MoneyText
{
    /// <summary>"USD 1,234.50"; "less than USD 0.01".</summary>
    public static string Of(decimal amount, string currency) =>
        amount is > 0 and < 0.01m ? $"less than {currency} 0.01" : $"{currency} {amount.ToString("N2", CultureInfo.InvariantCulture)}";
}
