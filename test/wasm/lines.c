/* Compiled by clang 22 for lines4.wasm (DWARF 4) and lines5.wasm (DWARF 5):
   clang-22 --target=wasm32 -O1 -nostdlib -gdwarf-N -Wl,--no-entry,--export=divide,--export=twice */
__attribute__((noinline)) int twice(int n)
{
	return n + /* line 5 */
	       n;
}
int divide(int a, int b)
{
	int q = a / /* line 10 */
	        b;
	return twice(q);
}
