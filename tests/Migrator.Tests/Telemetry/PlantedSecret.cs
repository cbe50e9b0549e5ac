using System.Text;
using Xunit;

namespace Migrator.Tests.Telemetry;

/// <summary>A secret that is like no other, and the forms in which it may show up somewhere.</summary>
internal sealed class PlantedSecret
{
    // With characters that JSON, HTML and addresses write otherwise.
    private readonly string _value = $"Le+/=&<9k{Guid.NewGuid():N}";

    public override string ToString() => _value;

    /// <summary>As servers and libraries repeat it.</summary>
    public string AllForms() => string.Join(' ', _value, Uri.EscapeDataString(_value), Base64(_value), Base64($"\0ann\0{_value}"));

    public void ShouldNotBeIn(string text)
    {
        // The end of it too, which has nothing in it that anybody would escape.
        foreach (
            var form in (string[])[_value, _value[^32..], Uri.EscapeDataString(_value), Base64(_value), Base64($"\0ann\0{_value}")[8..^4]]
        )
            Assert.DoesNotContain(form, text);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
