/* SPDX-License-Identifier: MIT */
/* A program that does nothing; built static and dynamic. */
int main(void)
{
	return 0;
}
