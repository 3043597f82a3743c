using System.Text;
using CloudStore.ServiceDefaults.Problems;
using CloudStore.Storage.Imports.Targets;

namespace CloudStore.Storage.Imports.Binding;

/// <summary>Reads the values of <c>set=</c> once, before any row.</summary>
internal static class ConstantValue
{
    /// <exception cref="ProblemException">The value is not of the field's type.</exception>
    public static Action<T> Setter<T>(ImportField<T> field, string text, ImportPlan plan)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var reader = new ValueReader(plan.DateFormat, false);
        switch (field.Type)
        {
            case FieldType.Text or FieldType.Json:
                return row => field.SetText!(row, text);
            case FieldType.Integer when reader.Integer(utf8, out long whole) == ValueOutcome.Good:
                return row => field.SetInteger!(row, whole);
            case FieldType.Instant when reader.Instant(utf8, out var instant) == ValueOutcome.Good:
                return row => field.SetInstant!(row, instant);
            case FieldType.Decimal or FieldType.Ratio when reader.Decimal(utf8, field.Type == FieldType.Ratio, out decimal number) == ValueOutcome.Good:
                return row => field.SetDecimal!(row, number);
            default:
                throw ProblemException.ForField(ProblemKind.Invalid, "set", "value", $"'{text}' {reader.Reason ?? "cannot be read without doubt"}, which {field.Name} cannot be set to.");
        }
    }
}
